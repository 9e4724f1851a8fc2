/** The environment of the private PostgreSQL. It gets nothing of the daemon's, which may hold secrets. */

/**
 * glibc's malloc keeps freed memory, and asks for large pages (mallopt(3); the manual of glibc, "Memory Allocation Tunables"); other C
 * libraries ignore this. By default, a backend returns what a batch has used, and the next batch faults each page in again: 14,500
 * of 34,000 faults per lane for a million known rows. On a virtual machine inside another, a fault takes 14 µs.
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
