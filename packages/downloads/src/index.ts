export { readArchive } from "./archive.js";
export { contentOf, contentSha256, fileMd5 } from "./content.js";
export { type Fetched, fetchFiles, type FetchOptions, type DownloadProgress } from "./fetch.js";
export { type ByteImages, byteImages } from "./images.js";
export { type Environment, locate, type Located, type Where } from "./places.js";
export { alteredProblem, DamagedFileError, type Publication, type PublishedFile } from "./publication.js";
export { loadRecords, publicationOf, type RecordArchive, type Records } from "./records.js";
