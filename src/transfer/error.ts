/** Why a transfer failed. The message is for the operator. */
export class TransferError extends Error {}
