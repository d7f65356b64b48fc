import { artifactPath, proxied, segment } from "./paths.js";
import type { CallOptions, Transport } from "./transport.js";
import { collected } from "./watch.js";

/** Whose artifacts: a run's, or a logged model's. */
export type ArtifactOwner = { readonly runId: string } | { readonly modelId: string };

/** A file or a folder. */
export interface ArtifactFile {
  /** From the owner's root, with slashes. */
  readonly path: string;
  readonly isDir: boolean;
  /** In bytes; absent for folders, and where a file is empty. */
  readonly fileSize?: number;
}

/** What can be uploaded. For a file in Node: `await fs.openAsBlob(path)`, which is read while it is sent. */
export type ArtifactContent = string | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;

/**
 * Artifacts of runs and of logged models. They are listed by MLflow itself; contents go through its artifact proxy,
 * `/api/2.0/mlflow-artifacts/artifacts`, which a server has by default. Where an owner's artifacts are elsewhere, such
 * as straight in S3, contents are an error that says so. Paths are relative, with slashes, without `.`, `..`, `\`, `#`,
 * control characters, or a `%` that could be read as an escape.
 */
export interface Artifacts {
  /**
   * The files and folders in a folder, by default in the root; of a file, or of what does not exist, none:
   * `GET artifacts/list`, or `GET logged-models/{id}/artifacts/directories`.
   */
  list(owner: ArtifactOwner, path?: string, options?: CallOptions): Promise<readonly ArtifactFile[]>;
  /**
   * `PUT mlflow-artifacts/artifacts/{path}`: writes a file, over one that is there. Text is written as UTF-8. A stream
   * is read to its end first, into memory, since a request that may be repeated must have its length and content.
   */
  upload(owner: ArtifactOwner, path: string, content: ArtifactContent, options?: CallOptions): Promise<void>;
  /** `GET mlflow-artifacts/artifacts/{path}`: a whole file; a broken connection begins anew. */
  download(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<Blob>;
  /**
   * The same as a stream, for what is too large for memory: it is read as fast as its reader asks, and each chunk has
   * to come within `timeout`. Repeated only until it begins; what fails later fails the stream.
   */
  open(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  /** `DELETE mlflow-artifacts/artifacts/{path}`: a file, or a folder with all that is in it. */
  delete(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<void>;
}

/** `base` is the tracking URI. */
export function artifacts({ send, exchange }: Transport, base: string): Artifacts {
  /** Where owners' artifacts are does not change; after so many the memory begins anew. */
  const known = new Map<string, string>();
  const most = 1000;

  /** The path of an artifact's content on the server. */
  async function place(owner: ArtifactOwner, path: string, options: CallOptions | undefined): Promise<string> {
    const relative = artifactPath(path);
    const [call, id] =
      "runId" in owner
        ? [{ method: "GET", path: "/api/2.0/mlflow/runs/get", query: owner } as const, `run ${owner.runId}`]
        : [{ method: "GET", path: modelPath(owner.modelId) } as const, `model ${owner.modelId}`];
    let root = known.get(id);
    if (root === undefined) {
      const { run, model } = await send<{ run?: Located; model?: Located }>(call, options);
      root = proxied((run ?? model)?.info.artifactUri ?? "", base);
      if (known.size >= most) known.clear();
      known.set(id, root);
    }
    return `${root}/${relative}`;
  }

  return {
    async list(owner, path, options) {
      if (path !== undefined) artifactPath(path);
      const files: ArtifactFile[] = [];
      let pageToken: string | undefined;
      do {
        const call =
          "runId" in owner
            ? { path: "/api/2.0/mlflow/artifacts/list", query: { ...owner, path, pageToken } }
            : {
                path: `${modelPath(owner.modelId)}/artifacts/directories`,
                query: { artifactDirectoryPath: path, pageToken },
              };
        const page = await send<{ files?: ArtifactFile[]; nextPageToken?: string }>(
          { method: "GET", ...call },
          options,
        );
        files.push(...(page.files ?? []));
        pageToken = page.nextPageToken === pageToken ? undefined : page.nextPageToken;
      } while (pageToken);
      return files;
    },
    async upload(owner, path, content, options) {
      const at = await place(owner, path, options);
      await send({ method: "PUT", path: at, file: await blobOf(content) }, options);
    },
    async download(owner, path, options) {
      const call = { method: "GET", path: await place(owner, path, options) } as const;
      return exchange(call, ({ body, headers }) => collected(body, headers.get("content-type") ?? ""), options);
    },
    async open(owner, path, options) {
      const call = { method: "GET", path: await place(owner, path, options) } as const;
      return exchange(call, async ({ body }) => body, options);
    },
    async delete(owner, path, options) {
      await send({ method: "DELETE", path: await place(owner, path, options) }, options);
    },
  };
}

async function blobOf(content: ArtifactContent): Promise<Blob> {
  if (content instanceof Blob) return content;
  return content instanceof ReadableStream ? collected(content) : new Blob([content as BlobPart]);
}

interface Located {
  readonly info: { readonly artifactUri: string };
}

const modelPath = (modelId: string): string => `/api/2.0/mlflow/logged-models/${segment("a logged model", modelId)}`;
