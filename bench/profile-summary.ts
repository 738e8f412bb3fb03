// Which functions a .cpuprofile spends its time in: self time, most first, idle time apart.
import { readFileSync } from 'node:fs';

const SHOWN_FUNCTIONS = 60;

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface FunctionTime {
  readonly name: string;
  readonly selfMs: number;
}

const WAITING: ReadonlySet<string> = new Set(['(idle)']);

export function functionTimes(file: string): FunctionTime[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]! / 1000);
  }
  return [...times]
    .filter(([name]) => !WAITING.has(name))
    .map(([name, selfMs]) => ({ name, selfMs }))
    .sort((a, b) => b.selfMs - a.selfMs);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url.replace(/^.*\/(dist|node_modules)\//, '');
  const name = functionName === '' ? '(anonymous)' : functionName;
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`;
}

/** Where the code lies, in the order of the first match. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['our gateway', / services\//],
  ['our libraries', / libs\//],
  ['grpc-js and protobuf', / (@grpc|protobufjs|@protobufjs|.*long)\//],
  ['prom-client', / prom-client\//],
  ['HTTP framework', / (fastify|@nestjs|find-my-way|@fastify|zod)\//],
  ['node: http2, net, streams', / node:/],
  ['garbage collection', /^\(garbage collector\)/],
];

/** The same, summed by whose code it is; what is left is native: system calls, JSON, microtasks. */
export function groupTimes(times: readonly FunctionTime[]): FunctionTime[] {
  const sums = new Map<string, number>();
  for (const { name, selfMs } of times) {
    const [group] = GROUPS.find(([, pattern]) => pattern.test(name)) ?? ['native'];
    sums.set(group, (sums.get(group) ?? 0) + selfMs);
  }
  return [...sums].map(([name, selfMs]) => ({ name, selfMs })).sort((a, b) => b.selfMs - a.selfMs);
}

export function printProfile(file: string): void {
  const times = functionTimes(file);
  console.log(file);
  for (const { name, selfMs } of [...groupTimes(times), ...times.slice(0, SHOWN_FUNCTIONS)])
    console.log(`${selfMs.toFixed(0).padStart(8)} ms  ${name}`);
}
