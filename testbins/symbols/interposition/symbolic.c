/* VIEW: linked with -Bsymbolic or -Bsymbolic-functions. */
const char *from_everyone(void)
{
	return "itself";
}

const char *VIEW(void)
{
	return from_everyone();
}
