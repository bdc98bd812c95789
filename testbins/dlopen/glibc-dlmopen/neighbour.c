/* In the guest's namespace alone. */
int neighbour_value = 9;
