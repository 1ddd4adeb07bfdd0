// A program that does nothing; elf_check_test looks at how it is linked.
int main() { return 0; }
