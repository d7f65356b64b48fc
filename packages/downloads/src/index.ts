export { readArchive } from "./archive.js";
export { contentOf, contentSha256, fileMd5 } from "./content.js";
export { type Fetched, fetchFiles, type FetchOptions, type DownloadProgress } from "./fetch.js";
export { type IdxFile, readIdxFile } from "./idx.js";
export { type ByteImages, byteImages } from "./images.js";
export {
  checksumOfOriginals,
  loadOriginals,
  type Original,
  type OriginalImages,
  type Originals,
  publicationOfOriginals,
} from "./originals.js";
export {
  type PictureLayout,
  type Lists,
  loadPictures,
  type Picture,
  type PictureArchive,
  type Pictures,
  publicationOfPictures,
} from "./pictures.js";
export { type Environment, locate, type Located, type Where } from "./places.js";
export { alteredProblem, DamagedFileError, type Publication, type PublishedFile } from "./publication.js";
export {
  fetchRecords,
  loadRecords,
  publicationOf,
  type RecordArchive,
  type RecordFile,
  type Records,
} from "./records.js";
export { openTree, type Tree } from "./tree.js";
