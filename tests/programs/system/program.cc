// A C++ program: templates of the library, an exception, a thread, iostreams, a regex.
#include <iostream>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>

static int parse(const std::string &text)
{
	std::smatch found;
	if (!std::regex_match(text, found, std::regex("(\\w+)=(\\d+)")))
		throw std::invalid_argument("not a setting: " + text);
	return std::stoi(found[2]);
}

int main()
{
	std::map<std::string, int> values;
	for (const std::string text : {"a=1", "b=22", "c"})
		try {
			values[text] = parse(text);
		} catch (const std::exception &error) {
			std::cout << error.what() << '\n';
		}
	std::thread([&] { values["thread"] = 3; }).join();
	for (const auto &[key, value] : values)
		std::cout << key << " -> " << value << std::endl;
	return 6;
}
