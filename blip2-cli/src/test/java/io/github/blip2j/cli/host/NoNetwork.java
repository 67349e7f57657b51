package io.github.blip2j.cli.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Refuses every socket that Java code of this process opens, and writes who wanted it into the file
 * that the property {@code attempts} names. Named by {@code java.nio.channels.spi.SelectorProvider}
 * it serves channels too.
 */
public final class NoNetwork extends SelectorProvider {
  /** For the virtual machine. */
  public NoNetwork() {}

  /** Serves sockets without channels. */
  @SuppressWarnings("deprecation") // there is no other way to see them all
  static void install() throws IOException {
    Socket.setSocketImplFactory(
        () -> {
          throw new UncheckedIOException(refused());
        });
  }

  private static IOException refused() {
    StringBuilder trace = new StringBuilder("a socket was wanted by\n");
    StackWalker.getInstance().forEach(frame -> trace.append("  ").append(frame).append('\n'));
    try {
      Files.writeString(
          Path.of(System.getProperty("attempts")),
          trace,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new IOException("no network here");
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    throw refused();
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    throw refused();
  }

  @Override
  public Pipe openPipe() throws IOException {
    throw refused();
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    throw refused();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    throw refused();
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    throw refused();
  }
}
