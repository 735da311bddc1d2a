/** The file ends in the middle of a part. */
export class CutShort extends Error {
  constructor() {
    super('the file ends too early');
  }
}
