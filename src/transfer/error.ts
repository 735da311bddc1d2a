/** Why a transfer cannot be done; the message is for the operator. */
export class TransferError extends Error {}
