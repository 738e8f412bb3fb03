// What processes use, as the kernel counts it: processor time, memory, open files and sockets. Linux only, like the bench.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessUsage {
  /** User and system time of all threads since the process began. */
  readonly cpuMs: number;
  /** Of it, in the kernel. */
  readonly systemMs: number;
  readonly rssBytes: number;
  readonly openFiles: number;
  readonly sockets: number;
  readonly threads: number;
}

/** The kernel's USER_HZ, which is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

export function processUsage(pid: number): ProcessUsage {
  // The name may hold spaces and brackets: fields are counted from behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(pid, fd));
  return {
    systemMs: MS_PER_TICK * Number(fields[12]),
    cpuMs: MS_PER_TICK * (Number(fields[11]) + Number(fields[12])),
    rssBytes: 1024 * kilobytes,
    openFiles: links.length,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    threads: Number(/Threads:\s+(\d+)/.exec(status)?.[1]),
  };
}

/** Processor time that anybody has used since the machine began, and what its host took away from it. */
export function machineBusyMs(): number {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .map(Number);
  return MS_PER_TICK * (user! + nice! + system! + irq! + softirq! + steal!);
}

/** Empty if the file was closed while we looked. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
}
