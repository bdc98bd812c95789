/* Something to open and close. */
int other;
