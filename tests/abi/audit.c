// An audit library (LD_AUDIT, rtld-audit(7)): it asks to see every binding and allocates in its
// calls, from the C library of its own name space.

#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>

unsigned int la_version(unsigned int version) {
  free(malloc(100));
  return version < LAV_CURRENT ? version : LAV_CURRENT;
}

unsigned int la_objopen(struct link_map* map, Lmid_t space, uintptr_t* cookie) {
  (void)map, (void)space, (void)cookie;
  free(malloc(5000));
  return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

uintptr_t la_symbind64(Elf64_Sym* symbol, unsigned int number, uintptr_t* from, uintptr_t* to,
                       unsigned int* flags, const char* name) {
  (void)number, (void)from, (void)to, (void)flags, (void)name;
  free(malloc(200));
  return symbol->st_value;
}
