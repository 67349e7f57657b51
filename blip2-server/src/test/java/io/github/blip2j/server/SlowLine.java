package io.github.blip2j.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** A way to a server over which answers come slowly as soon as that is wanted. */
final class SlowLine implements AutoCloseable {
  private static final int PIECE = 60; // bytes, about one event
  private static final int PAUSE_MILLIS = 100;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean slow = new AtomicBoolean();

  SlowLine(InetSocketAddress server) throws IOException {
    this.server = server;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::listen);
  }

  /** The address by which the server is reached over this line. */
  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  void slow(boolean on) {
    slow.set(on);
  }

  private void listen() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket there = new Socket(server.getAddress(), server.getPort());
        there.setTcpNoDelay(true);
        client.setTcpNoDelay(true);
        threads.execute(() -> carry(client, there, false));
        threads.execute(() -> carry(there, client, true));
      } catch (IOException e) {
        // closed, or the server is gone
      }
    }
  }

  private void carry(Socket from, Socket to, boolean answers) {
    byte[] bytes = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (true) {
        boolean slowly = answers && slow.get();
        int read = in.read(bytes, 0, slowly ? PIECE : bytes.length);
        if (read < 0) {
          return;
        }
        out.write(bytes, 0, read);
        out.flush();
        if (slowly) {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    } catch (IOException e) {
      // one end has closed, and so does the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
