/** EXIF with nothing but the orientation. Without it the pixels would have to be encoded again. */
export function orientationOnly(orientation: number): Buffer {
  const exif = Buffer.alloc(26);
  // Big endian; the directory is at 8, and has one entry.
  exif.write('MM\0*\0\0\0\x08\0\x01', 'latin1');
  // Orientation: one value, a short.
  exif.writeUInt16BE(0x0112, 10);
  exif.writeUInt16BE(3, 12);
  exif.writeUInt32BE(1, 14);
  exif.writeUInt16BE(orientation, 18);
  return exif;
}
