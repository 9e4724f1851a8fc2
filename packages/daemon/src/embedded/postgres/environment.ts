/** The environment of the private PostgreSQL. It gets nothing of the daemon's, which may hold secrets. */

/**
 * Makes malloc keep freed memory and ask for large pages (mallopt(3); the manual of glibc, "Memory Allocation Tunables"). Only glibc reads
 * this. By default, a backend returns the memory of a batch to the kernel, and the next batch faults it in again, page by page: 14,500 of
 * 34,000 faults per lane for a million known rows. A fault took 14 µs on a virtual machine (docs/decisions/0064-page-faults.md).
 */
const MALLOC = {
  MALLOC_TRIM_THRESHOLD_: String(64 * 2 ** 20),
  MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  ...MALLOC,
};
