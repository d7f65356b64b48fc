import * as tf from "@tensorflow/tfjs-core";

type Method = (this: tf.Tensor, ...rest: unknown[]) => unknown;

/**
 * Gives tensors tfjs's operations as methods, as the package `@tensorflow/tfjs` does and its core alone does not: some
 * initializers and layers of one's own use them.
 */
export function chainOperations(): void {
  const methods = tf.Tensor.prototype as unknown as Record<string, Method | undefined>;
  for (const [name, operation] of Object.entries(tf))
    if (typeof operation === "function" && operation.name.endsWith(tf.OP_SCOPE_SUFFIX))
      methods[name] ??= function (...rest) {
        return (operation as (...values: unknown[]) => unknown)(this, ...rest);
      };
  methods.flatten ??= function () {
    return tf.reshape(this, [this.size]);
  };
}
