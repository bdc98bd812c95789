/* A word in the text segment that the loader must relocate: DT_TEXTREL. */
int target_value = 9;

__asm__(".text\n\t.balign 8\ntext_pointer: .quad target_value\n");
extern int *const text_pointer __attribute__((visibility("hidden")));

int text_word(void)
{
	return *text_pointer;
}

int text_after(int x)
{
	return x + 1;
}
