package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In the tables H is the user's home and P what stands for a private folder. */
class LocationsTest {
  @TempDir Path folder;

  private Path home;
  private Path accounts;

  @BeforeEach
  void makeHome() throws IOException {
    home = Files.createDirectory(folder.resolve("home"));
    accounts = folder.resolve("passwd");
    Files.writeString(
        accounts, "root:x:0:0:root:/root:/bin/sh\nalice:x:7:7:A,,:/homes/alice:/bin/sh\n");
  }

  /** Variables as {@code A=1;B=2}. */
  private Locations locations(String variables, String userHome, String system) {
    Map<String, String> environment = new HashMap<>();
    for (String each : variables.split(";")) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        environment.put(each.substring(0, equals), inHome(each.substring(equals + 1)));
      }
    }
    return new Locations(
        environment, inHome(userHome), system, accounts, () -> folder.resolve("private"));
  }

  private String inHome(String value) {
    return value.startsWith("H") ? home + value.substring(1) : value;
  }

  private Path place(String value) {
    return value.equals("P") ? folder.resolve("private") : Path.of(inHome(value));
  }

  /** As huggingface_hub 1.x answers on Linux in the same environment. */
  @ParameterizedTest
  @CsvSource({
    "'', H, H/.cache/huggingface/hub",
    "HOME=/h, H, /h/.cache/huggingface/hub",
    "HOME=, H, H/.cache/huggingface/hub",
    "HOME=/h;XDG_CACHE_HOME=/x, H, /x/huggingface/hub",
    "XDG_CACHE_HOME=~/x, H, H/x/huggingface/hub",
    "HF_HOME=/hf;XDG_CACHE_HOME=/x, H, /hf/hub",
    "HF_HOME=~/hf, H, H/hf/hub",
    "HF_HOME=~, H, H/hub",
    "HF_HOME=~/hf;HOME=/h, H, /h/hf/hub",
    "HF_HOME=~alice/hf, H, /homes/alice/hf/hub",
    "HF_HOME=~nobody-here/hf, H, ~nobody-here/hf/hub",
    "HF_HOME=$DATA/hf;DATA=/d, H, /d/hf/hub",
    "HF_HOME=${DATA}/hf;DATA=/d, H, /d/hf/hub",
    "HF_HOME=/a$DATA_x/${NOT};DATA=/d, H, /a$DATA_x/${NOT}/hub",
    "HF_HOME=/x/~/y, H, /x/~/y/hub",
    "HF_HUB_CACHE=~/c;HF_HOME=/hf, H, H/c",
    "HF_HUB_CACHE=$A$B;A=/a;B=/b, H, /a/b",
    "HUGGINGFACE_HUB_CACHE=$HOME/old;HF_HOME=/hf;HOME=/h, H, /h/old",
    "HUGGINGFACE_HUB_CACHE=/old;HF_HUB_CACHE=/new, H, /new",
    "HF_HUB_CACHE=;HF_HOME=, H, H/.cache/huggingface/hub",
    "'', ?, ~/.cache/huggingface/hub",
  })
  void theHubsCacheIsWhereTheReferenceHasIt(String variables, String userHome, String expected) {
    assertThat(locations(variables, userHome, "Linux").hubCache()).isEqualTo(place(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "'', H, H/.cache/blip2",
    "HOME=H/other, /none/at/all, H/other/.cache/blip2",
    "XDG_CACHE_HOME=H/x, H, H/x/blip2",
    "XDG_CACHE_HOME=~/x, H, H/x/blip2",
    "BLIP2_CACHE=/own, H, /own",
    "BLIP2_CACHE=~/own;HOME=/h, H, /h/own",
    "BLIP2_CACHE=$DATA/own;DATA=/d, H, /d/own",
    "BLIP2_CACHE=, H, H/.cache/blip2",
    "BLIP2_CACHE=/own, ?, /own",
    "'', ?, P",
    "'', ' ', P",
    "BLIP2_CACHE=~/own, ?, P",
    "HOME=H/a-file, H, P",
    "HOME=H/a-file/below, H, P",
    "XDG_CACHE_HOME=H/a-file, H, P",
  })
  void derivedFilesLieWhereTheyCanBeWritten(String variables, String userHome, String expected)
      throws IOException {
    Files.createFile(home.resolve("a-file"));
    assertThat(locations(variables, userHome, "Linux").derivedFiles()).isEqualTo(place(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "USERPROFILE=/profile;HOME=/msys, /java, /profile/.cache/huggingface/hub",
    "HOME=/msys, /java, /java/.cache/huggingface/hub",
    "HF_HOME=%DATA%/hf;DATA=/d, /java, /d/hf/hub",
  })
  void windowsHasItsOwnNames(String variables, String userHome, String expected) {
    assertThat(locations(variables, userHome, "Windows 11").hubCache())
        .isEqualTo(Path.of(expected));
  }

  @Test
  void thePrivateFolderIsTheOwnersAlone() throws IOException {
    Path made = PrivateFolder.ofProcess();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
    assertThat(PrivateFolder.ofProcess()).isEqualTo(made);
  }
}
