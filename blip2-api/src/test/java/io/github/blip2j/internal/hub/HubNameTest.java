package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of models and of their files, by the Hub's rules and git's. */
class HubNameTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "Salesforce/blip2-opt-2.7b", "o_w-n.er/n", "1/2", "a/b.c_d"})
  void namesAreAnOwnerAndAModel(String id) {
    assertThat(HubName.isId(id)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "/a",
        "a/",
        "a/b/c",
        "a//b",
        "-a/b",
        "a/b-",
        "a/.b",
        "a/b.",
        "a--b/c",
        "a/b..c",
        "a/b.git",
        "a b/c",
        "a/b?c",
        "a/b\u00e9",
        "../a",
        "a\\b/c",
        "a/b\n"
      })
  void everythingElseIsNone(String id) {
    assertThat(HubName.isId(id)).isFalse();
  }

  @Test
  void namesHaveAtMost96Characters() {
    assertThat(HubName.isId("a/" + "b".repeat(94))).isTrue();
    assertThat(HubName.isId("a/" + "b".repeat(95))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a/b,main,main",
    "a/b,v1,v1",
    "a/b@v1,main,v1",
    "a/b@v1,v1,v1",
    "a/b@refs/pr/3,main,refs/pr/3"
  })
  void aRevisionIsNamedOnceOrTheSameTwice(String text, String chosen, String expected) {
    HubName name = HubName.parse(text, chosen);
    assertThat(name).isEqualTo(new HubName("a/b", expected));
    assertThat(name.isCommit()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a/b@v1|v2|expected one revision, found also \"v2\"; leave one of them out",
        "a/b@|main|expected a branch, a tag or a commit as the revision, found \"\"",
        "a/b@../x|main|found \"../x\"",
        "a/b@x/./y|main|found \"x/./y\"",
        "a/b@x//y|main|found \"x//y\"",
        "a/b@/x|main|found \"/x\"",
        "a/b@x:y|main|found \"x:y\"",
        "a/b@x y|main|found \"x y\"",
        "a/b@x\\y|main|found",
        "nothing|main|expected a checkpoint directory or owner/name as on the Hub, found neither"
      })
  void whatIsNoRevisionIsRefused(String text, String chosen, String message) {
    assertThatThrownBy(() -> HubName.parse(text, chosen))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aCommitIsFortyDigits() {
    assertThat(new HubName("a/b", COMMIT).isCommit()).isTrue();
    assertThat(HubName.isCommit(COMMIT.substring(1))).isFalse();
    assertThat(HubName.isCommit(COMMIT.replace('f', 'F'))).isFalse();
    assertThat(HubName.isCommit(COMMIT + "0")).isFalse();
  }

  @Test
  void aNameSaysItsFolderAndWhatToType() {
    HubName name = new HubName("a/b", "main");
    assertThat(name.folder()).isEqualTo("models--a--b");
    assertThat(name.command()).isEqualTo("`blip2 download a/b`");
    assertThat(new HubName("a/b", "v1").command()).isEqualTo("`blip2 download a/b --revision v1`");
    assertThat(name).hasToString("a/b (revision main)");
  }

  /** {@code git hash-object} of a file with "hello\n", and sha256sum of it. */
  @Test
  void filesAreHashedAsGitAndSha256sumDo() {
    byte[] content = "hello\n".getBytes(StandardCharsets.UTF_8);
    String git = "ce013625030ba8dba906f756967f9e9ca394464a";
    String sum = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    for (String hash : new String[] {git, sum}) {
      HubFile file = new HubFile("hello.txt", content.length, hash);
      MessageDigest digest = file.digest();
      digest.update(content);
      assertThat(HubFile.hash(digest)).isEqualTo(hash);
      assertThat(file.hashName()).isEqualTo(hash.equals(git) ? "git blob id" : "sha256");
    }
  }
}
