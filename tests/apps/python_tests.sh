#!/bin/bash
# Debian's python3 under a part of its own tests, with every object in a block of its own.
. "$(dirname "$0")/common.sh"
need /usr/bin/python3
/usr/bin/python3 -c 'import test.test_json' || { echo "skipped: python's tests are not installed"; exit 77; }

work() {
  PYTHONMALLOC=malloc /usr/bin/python3 "$apps/python_tests.py" \
    test_{json,dict,list,bytes,ordered_dict,memoryview,re,struct,zlib,pyexpat,mmap,ctypes,thread} \
    test_threading.{ThreadTests,ThreadJoinOnShutdown,SubinterpThreadingTests} \
    test_subprocess.{ContextManagerTests,POSIXProcessTestCase.test_{preexec,args_string,close_fds,pass_fds}} \
    test_multiprocessing_fork.WithProcessesTest{Queue,Connection,SharedMemory} \
    test_multiprocessing_fork.WithManagerTestContainers \
    test_concurrent_futures.ProcessPoolForkExecutorDeadlockTest
}

compare
