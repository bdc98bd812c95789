__thread int library_variable = 40;
__thread char library_zero[1024 * 1024];
