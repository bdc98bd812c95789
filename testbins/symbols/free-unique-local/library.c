/* A library with a unique object and an ordinary one. */
__asm__(".data\n\t.globl shared_unique\n\t.type shared_unique, %gnu_unique_object\n"
	"\t.size shared_unique, 4\n\t.balign 4\nshared_unique: .long 1\n\t.text");
extern int shared_unique;
int ordinary = 1;

int *unique(void)
{
	return &shared_unique;
}

int *own(void)
{
	return &ordinary;
}
