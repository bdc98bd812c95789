/* The program of synth.py's libraries. */
int main(void)
{
	return 0;
}
