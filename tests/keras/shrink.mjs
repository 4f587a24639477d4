/** A smaller model that still fails: nodes, outputs and inputs are left out as long as it does. */

/** @typedef {{engine: string, seed: string, inputs: any[], nodes: any[], outputs: string[]}} Spec */

/** What nothing needs goes too. @param {Spec} spec @returns {Spec} */
function withoutUnused(spec) {
  const needed = new Set(spec.outputs);
  for (const node of [...spec.nodes].reverse()) if (needed.has(node.name)) node.inbound.forEach((/** @type {string} */ name) => needed.add(name));
  const inputs = spec.inputs.filter(({ name }) => needed.has(name));
  return { ...spec, inputs: inputs.length > 0 ? inputs : spec.inputs, nodes: spec.nodes.filter(({ name }) => needed.has(name)) };
}

/** Its users take what it was called on. @param {Spec} spec @param {any} node @returns {Spec} */
function withoutNode(spec, node) {
  const rename = (/** @type {string} */ name) => (name === node.name ? node.inbound[0] : name);
  const nodes = spec.nodes.filter(other => other !== node).map(other => ({ ...other, inbound: other.inbound.map(rename) }));
  return { ...spec, nodes, outputs: [...new Set(spec.outputs.map(rename))] };
}

/** It is the only output. @param {Spec} spec @param {any} node @returns {Spec} */
function cutAt(spec, node) {
  return { ...spec, outputs: [node.name], sequential: false };
}

/** @param {Spec} spec */
function* candidates(spec) {
  if (spec.outputs.length > 1) for (const name of spec.outputs) yield { ...spec, outputs: [name] };
  for (const node of spec.nodes) if (!spec.outputs.includes(node.name)) yield cutAt(spec, node);
  for (const node of [...spec.nodes].reverse()) yield withoutNode(spec, node);
}

/**
 * @param {Spec} spec
 * @param {(spec: Spec) => Promise<boolean>} fails whether a model can be built and still fails
 * @returns {Promise<Spec>}
 */
export async function shrink(spec, fails) {
  for (const smaller of candidates(spec)) {
    const candidate = withoutUnused(smaller);
    if (candidate.nodes.length > 0 && (await fails(candidate))) return shrink(candidate, fails);
  }
  return spec;
}
