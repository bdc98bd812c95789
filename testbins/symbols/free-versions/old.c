/* Linked against the library as it was before it had versions: gets the oldest. */
int answer(void);

int hidden_answer_of_library(void)
{
	return answer();
}
