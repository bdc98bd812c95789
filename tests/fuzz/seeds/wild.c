/* Calls a function of the loader with nonsense: what blame.py is tried on. */
extern void *__tls_get_addr(void *);

#ifdef CONSTRUCTOR
__attribute__((constructor)) static void construct(void)
#else
int main(void)
#endif
{
	__tls_get_addr((void *)16);
}
