int guest_number = 7;
int guest_step(int x);

int guest_step(int x)
{
	guest_number += x;
	return guest_number;
}
