// Allocates as Java's programs do outside the heap of the language: direct buffers, compression, threads,
// processes. Prints digests that depend on every byte.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

class Churn {
  static byte[] noise(Random draw, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) bytes[i] = (byte) (draw.nextInt(4) * draw.nextInt(20));
    return bytes;
  }

  static byte[] pack(byte[] bytes) {
    Deflater deflater = new Deflater(6);
    deflater.setInput(bytes);
    deflater.finish();
    byte[] packed = new byte[bytes.length + 100];
    int size = deflater.deflate(packed);
    deflater.end();
    return java.util.Arrays.copyOf(packed, size);
  }

  static byte[] unpack(byte[] packed, int size) throws Exception {
    Inflater inflater = new Inflater();
    inflater.setInput(packed);
    byte[] bytes = new byte[size];
    if (inflater.inflate(bytes) != size) throw new IllegalStateException("cut short");
    inflater.end();
    return bytes;
  }

  // Through direct buffers of all sizes, some of which stay alive, and through the compressor.
  static String buffers(int seed) throws Exception {
    Random draw = new Random(seed);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ByteBuffer[] kept = new ByteBuffer[64];
    for (int round = 0; round < 400; round++) {
      byte[] bytes = noise(draw, 1 + draw.nextInt(20000));
      ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
      buffer.put(unpack(pack(bytes), bytes.length)).flip();
      kept[draw.nextInt(kept.length)] = buffer;
    }
    for (ByteBuffer buffer : kept) if (buffer != null) digest.update(buffer);
    return HexFormat.of().formatHex(digest.digest());
  }

  static String words() {
    ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();
    IntStream.range(0, 200000).parallel().forEach(i -> counts.merge("w" + i * 7919L % 10007, i, Integer::sum));
    return Integer.toString(new TreeMap<>(counts).toString().hashCode());
  }

  static String child() throws Exception {
    Process process = new ProcessBuilder("sh", "-c", "seq 1000 | cksum").start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.trim() + " " + process.waitFor();
  }

  public static void main(String[] arguments) throws Exception {
    var pool = Executors.newFixedThreadPool(4);
    var parts = IntStream.range(0, 8).mapToObj(i -> pool.submit(() -> buffers(i))).collect(Collectors.toList());
    for (Future<String> part : parts) System.out.println(part.get());
    pool.shutdown();
    for (int i = 0; i < 200; i++) {
      Thread thread = new Thread(() -> ByteBuffer.allocateDirect(1000));
      thread.start();
      thread.join();
    }
    System.out.println(words() + " " + child());
  }
}
