/** One entry of a tar file: a file, or something else by its type's letter. */
export interface TarEntry {
  readonly name: string;
  readonly data?: Uint8Array;
  /** "0" is a file, "1" a hard link, "2" a symbolic link, "5" a folder. */
  readonly type?: string;
  /** What a link leads to. */
  readonly link?: string;
}

/** A tar file, written by hand: a header of 512 bytes for each entry, its content, zeros up to the next 512. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap(({ name, data = new Uint8Array(), type = "0", link = "" }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\x000000000\x000000000\0", 100);
    header.write(`${data.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(`00000000000\0        ${type}`, 136);
    header.write(link, 157);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The same of files by their names. */
export const tarOf = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  tar(Object.entries(files).map(([name, data]) => ({ name, data })));
