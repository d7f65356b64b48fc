import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/**
 * Sends questions to threads that run `entry`, each of which answers its messages one by one, and yields the answers in
 * the order of the questions. Few questions are read ahead of the answers. @throws whatever a thread threw
 */
export async function* inThreads<Question>(
  entry: URL,
  questions: AsyncIterable<Question> | Iterable<Question>,
  workerData?: unknown,
): AsyncGenerator<{ question: Question; answer: unknown }> {
  const threads = Array.from({ length: availableParallelism() }, () => createThread(entry, workerData));
  const ahead: { question: Question; coming: Promise<unknown> }[] = [];
  const next = async () => {
    const { question, coming } = ahead.shift() as (typeof ahead)[number];
    return { question, answer: await coming };
  };
  let turn = 0;
  try {
    for await (const question of questions) {
      ahead.push({ question, coming: threads[turn++ % threads.length].ask(question) });
      if (ahead.length > 2 * threads.length) yield await next();
    }
    while (ahead.length > 0) yield await next();
  } finally {
    await Promise.all(threads.map(({ end }) => end()));
  }
}

function createThread(entry: URL, workerData: unknown) {
  const worker = new Worker(entry, { workerData, execArgv: [] });
  const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
  let failed: Error | undefined;
  worker.on("message", (answer) => waiting.shift()?.resolve(answer));
  const fail = (error: Error): void => {
    failed ??= error;
    for (const { reject } of waiting.splice(0)) reject(failed);
  };
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`A thread ended with exit code ${code} before it had answered.`)));
  return {
    ask(question: unknown): Promise<unknown> {
      const answer = new Promise<unknown>((resolve, reject) => {
        if (failed) reject(failed);
        else waiting.push({ resolve, reject });
      });
      answer.catch(() => {}); // it is thrown where it is awaited, which may be later
      worker.postMessage(question);
      return answer;
    },
    end: () => worker.terminate(),
  };
}
