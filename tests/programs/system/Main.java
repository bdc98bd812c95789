import java.util.stream.IntStream;

/** Java: the virtual machine loads its libraries with dlopen, and compiles beside the program. */
public class Main {
	public static void main(String[] arguments) throws Exception {
		Thread thread = new Thread(() -> System.out.println("in a thread"));
		thread.start();
		thread.join();
		System.out.println(IntStream.range(0, 100000).parallel().filter(i -> i % 3 == 0).count());
		System.exit(2);
	}
}
