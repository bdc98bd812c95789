/* Does not fit below 2 GiB. */
static char room[1u << 30];

const void *where_huge(void)
{
	return room;
}
