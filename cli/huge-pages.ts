// Asks malloc for huge pages: a forward reads all weights, and looking up tens of thousands of small pages takes a
// tenth of its time. The C library reads this when a process starts, so whoever starts a worker says it (docs/decisions/0033).

/** Of the C library (glibc); others ignore it. One arena, since those of further threads are too small for huge pages. */
export const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1' };
