// Question: would a tree of drafted tokens, verified in one forward, beat a chain? Worked out from the recorded traces: the
// best static tree of n tokens (Chen et al., Sequoia, arXiv 2402.12374, §3: grow by the likeliest node) and the tokens a
// round that it brings, beside the best chain; both priced by the same costs.
import { readFileSync } from 'node:fs';

interface Trace {
  readonly family: string;
  readonly ranks: readonly number[];
}

/** A path of ranks from the root, as text: "0", "0 1", … */
type Path = string;

const FILE = new URL('../../test/fixtures/acceptance-traces.json', import.meta.url);
const DEPTH = 8;
const WIDTH = 3;
const SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/** Milliseconds on the two cores of docs/benchmarks.md; the distant target makes verified tokens nearly free. */
const LAWS = {
  'one machine': { round: 9.05, token: 1.25, ask: 1.2, step: 1.3 },
  'a target of 30 ms, 0.5 ms a token': { round: 30, token: 0.5, ask: 4, step: 1.3 },
};

export function printTreeGain(): void {
  const traces = JSON.parse(readFileSync(FILE, 'utf8')) as Trace[];
  const chances = pathChances(traces);
  for (const [name, law] of Object.entries(LAWS)) {
    console.log(`\n${name}: tokens a round and tokens/s of the best chain and the best tree of n tokens`);
    for (const size of SIZES) {
      const chain = Array.from({ length: Math.min(size, DEPTH) }, (_, i) =>
        Array(i + 1)
          .fill(0)
          .join(' '),
      );
      const tree = bestTree(chances, size);
      const [ofChain, ofTree] = [chain, tree].map((nodes) => priced(nodes, chances, law));
      console.log(
        `${String(size).padStart(3)}  ${show(ofChain!)}   ${show(ofTree!)}  depth ${depthOf(tree)}`,
      );
    }
  }
}

/** How often the target's next tokens follow each path of ranks. */
function pathChances(traces: readonly Trace[]): ReadonlyMap<Path, number> {
  const counts = new Map<Path, number>();
  let starts = 0;
  for (const { ranks } of traces)
    for (let at = 0; at + DEPTH <= ranks.length; at++) {
      starts++;
      let path = '';
      for (let depth = 0; depth < DEPTH; depth++) {
        const rank = ranks[at + depth]!;
        if (rank < 0 || rank >= WIDTH) break;
        path = path === '' ? String(rank) : `${path} ${rank}`;
        counts.set(path, (counts.get(path) ?? 0) + 1);
      }
    }
  return new Map([...counts].map(([path, count]) => [path, count / starts]));
}

/** A node is never likelier than its parent, so the likeliest nodes are a tree. */
function bestTree(chances: ReadonlyMap<Path, number>, size: number): Path[] {
  const byChance = [...chances].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length);
  return byChance.slice(0, size).map(([path]) => path);
}

function priced(
  nodes: readonly Path[],
  chances: ReadonlyMap<Path, number>,
  law: (typeof LAWS)['one machine'],
) {
  const tokens = 1 + nodes.reduce((sum, path) => sum + (chances.get(path) ?? 0), 0);
  const ms = law.ask + depthOf(nodes) * law.step + law.round + nodes.length * law.token;
  return { tokens, perSecond: (1000 * tokens) / ms };
}

/** Forwards of the draft: one for each level. */
function depthOf(nodes: readonly Path[]): number {
  return Math.max(0, ...nodes.map((path) => path.split(' ').length));
}

function show({ tokens, perSecond }: { readonly tokens: number; readonly perSecond: number }): string {
  return `${tokens.toFixed(2)} → ${perSecond.toFixed(0).padStart(4)}`;
}
