package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFileTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static ObjectNode fixture(String name) throws IOException {
    return (ObjectNode)
        MAPPER.readTree(Files.readAllBytes(Fixtures.directory(name).resolve("tokenizer.json")));
  }

  private static JsonNode checked(JsonNode file) throws IOException {
    return MAPPER.readTree(TokenizerFile.check(MAPPER.writeValueAsBytes(file)).json());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5", "tiny-itm"})
  void whatIsRightIsKeptWhole(String name) throws IOException {
    ObjectNode file = fixture(name);
    JsonNode kept = checked(file);
    for (String section : file.properties().stream().map(e -> e.getKey()).toList()) {
      withoutNulls(file.get(section));
      assertThat(kept.get(section)).as(section).isEqualTo(file.get(section));
    }
  }

  private static void withoutNulls(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(e -> e.getValue().isNull());
    }
    node.forEach(TokenizerFileTest::withoutNulls);
  }

  /** Files of before version 0.20 of the library have merges in one text each. */
  @Test
  void mergesMayBeLines() throws IOException {
    ObjectNode file = fixture("tiny-opt");
    var lines = MAPPER.createArrayNode().add("#version: 0.2");
    file.path("model")
        .path("merges")
        .forEach(m -> lines.add(m.get(0).asText() + " " + m.get(1).asText()));
    ((ObjectNode) file.path("model")).set("merges", lines);
    assertThat(checked(file).path("model").path("merges")).isEqualTo(lines);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "decoder | {'type':'Metaspace'} | decoder: replacement: expected a text, found nothing",
        "decoder | {'type':'Strip','content':' ','start':1,'stop':1} | decoder: stop: expected an",
        "decoder | {'type':'What'} | decoder: type: expected a decoder that is known, found",
        "decoder | {'type':'BPEDecoder','suffix':''} | expected a text that is not empty",
        "pre_tokenizer | {'type':'Split','pattern':{'Regex':'(a+)+b'},'behavior':'Isolated','invert':false} | expected no repetition of a repetition",
        "pre_tokenizer | {'type':'Split','pattern':{'Regex':'a*'},'behavior':'Isolated','invert':false} | expected an expression that matches something",
        "pre_tokenizer | {'type':'Split','pattern':{'String':''},'behavior':'Isolated','invert':false} | expected a text that is not empty",
        "pre_tokenizer | {'type':'Metaspace','replacement':'ab'} | replacement: expected one character",
        "post_processor | {'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x','type_id':0}},{'Sequence':{'id':'A','type_id':0}}],'pair':[],'special_tokens':{}} | single[0]: SpecialToken: id: expected one of special_tokens",
        "post_processor | {'type':'TemplateProcessing','single':[{'Sequence':{'id':'B','type_id':0}}],'pair':[],'special_tokens':{}} | single: expected the sequence A and no other",
        "post_processor | {'type':'RobertaProcessing','sep':['</s>',9],'cls':['<s>',0],'trim_offsets':true,'add_prefix_space':true} | sep: expected the id 2 of </s>, found 9",
        "normalizer | {'type':'Precompiled','precompiled_charsmap':'AAAA'} | normalizer: precompiled_charsmap: expected a trie",
        "normalizer | {'type':'Sequence','normalizers':[{'type':'Prepend','prepend':''}]} | normalizers[0]: prepend: expected a text",
        "added_tokens | [{'id':1,'content':'<s>','single_word':false,'lstrip':false,'rstrip':false,'normalized':false,'special':true}] | added_tokens[0]: id: expected 0 as in the vocabulary",
        "added_tokens | [{'id':0,'content':'<s>'}] | single_word: expected true or false, found nothing",
        "model | {'type':'BPE','vocab':{'a':0,'b':1},'merges':[['a','b']]} | merges[0]: expected tokens of the vocabulary, found ab",
        "model | {'type':'BPE','vocab':{'a':0,'b':0},'merges':[]} | expected each id once, found 0 again for b",
        "model | {'type':'BPE','vocab':{'a':0},'merges':[],'dropout':2} | dropout: expected 0 to 1",
        "model | {'type':'Unigram','vocab':[['a',0.5]],'unk_id':1} | unk_id: expected an integer from 0 to 0",
        "model | {'type':'Unigram','vocab':[['a']]} | vocab[0]: expected [token, finite score]",
        "model | {'type':'WordPiece','vocab':{'a':0},'unk_token':'u','continuing_subword_prefix':'#','max_input_chars_per_word':9} | unk_token: expected a token of the vocabulary",
        "version | '2.0' | version: expected \"1.0\""
      })
  void damageIsSaidWithItsPlace(String section, String value, String message) throws IOException {
    ObjectNode file = fixture("tiny-opt");
    file.set(section, MAPPER.readTree(value.replace('\'', '"')));
    assertThatThrownBy(() -> checked(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void halvesOfCharactersAndSecondValuesAreRefused() throws IOException {
    ObjectNode file = fixture("tiny-opt");
    String text = MAPPER.writeValueAsString(file);
    assertThatThrownBy(() -> check(text.replace("\"<unk>\":3", "\"\\ud800\":3")))
        .hasMessageContaining("surrogate");
    String half = "\"normalizer\":{\"type\":\"Prepend\",\"prepend\":\"\\ud800\"}";
    assertThat(text).contains("\"normalizer\":null");
    assertThatThrownBy(() -> check(text.replace("\"normalizer\":null", half)))
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> check(text.replace("\"<unk>\":3", "\"<pad>\":3")))
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> check(text + "}")).isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> check("")).isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> check("[]")).hasMessageContaining("expected an object");
  }

  private static void check(String text) {
    TokenizerFile.check(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void expressionsOfKnownTokenizersPass() {
    for (String regex :
        new String[] {
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}]*[\\p{Ll}]+(?i:'s|'t)?|[(+*]+",
          " {2,}"
        }) {
      assertThat(Patterns.repeatsRepetition(regex)).as(regex).isFalse();
    }
    for (String regex : new String[] {"(a+)+", "((?:x*)|b){2,}", "([ab]*\\))*"}) {
      assertThat(Patterns.repeatsRepetition(regex)).as(regex.toLowerCase(Locale.ROOT)).isTrue();
    }
  }

  /** Each of these ended the process, or never came back, where a text was replaced. */
  @Test
  void whatIsReplacedHasALetter() throws IOException {
    for (String regex :
        new String[] {
          "(?=a)", "(?<=o)", "\\b", "a*|$", "a|(?!b)", "(?=[)]|\\))*", "a\\K|", "(?~abc)"
        }) {
      assertThat(EmptyMatches.possible(regex)).as(regex).isTrue();
      assertThatThrownBy(() -> checked(replacing(regex, "x", 1)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("normalizer");
    }
    for (String regex :
        new String[] {
          " {2,}", "\\s+(?!\\S)", "^\\s+", "\\bcat\\b", "\\p{Han}", "(?i)[[:space:]]+$"
        }) {
      assertThat(EmptyMatches.possible(regex)).as(regex).isFalse();
      checked(replacing(regex, "x", 1));
    }
  }

  /** Forty doublings of a letter end with a process without memory. */
  @Test
  void replacementsDoNotGrowWithoutBound() throws IOException {
    checked(replacing("a", "aa", 4));
    assertThatThrownBy(() -> checked(replacing("a", "aa", 40)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("times as long");
    ObjectNode file = fixture("tiny-opt");
    ObjectNode decoder = replacing("a", "aa", 40).get("normalizer").deepCopy();
    decoder.set("decoders", decoder.remove("normalizers"));
    file.set("decoder", decoder);
    assertThatThrownBy(() -> checked(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("decoder: expected a text at most");
  }

  private static ObjectNode replacing(String regex, String content, int times) throws IOException {
    ObjectNode file = fixture("tiny-opt");
    ObjectNode sequence = MAPPER.createObjectNode().put("type", "Sequence");
    for (int i = 0; i < times; i++) {
      ObjectNode step = sequence.withArray("normalizers").addObject();
      step.put("type", "Replace").put("content", content).putObject("pattern").put("Regex", regex);
    }
    file.set("normalizer", sequence);
    return file;
  }
}
