/* An auditor of a version that is not there yet. */
unsigned la_version(unsigned version)
{
	return version + 1;
}
