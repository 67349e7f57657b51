package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.blip2j.core.CheckpointException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sections of a tokenizer: the right ones are kept as they are, the wrong ones say why. */
class TokenizerRulesTest {
  private static final ModelTokens TOKENS =
      new ModelTokens(Map.of("<s>", 0, "</s>", 2, "a", 5, "b", 6, "ab", 7));
  private static final PostProcessorRules POST = new PostProcessorRules(TOKENS);
  private static final JsonNode NONE = JsonNodeFactory.instance.nullNode();
  private static final String SPECIALS =
      "'special_tokens':{'<s>':{'id':'<s>','ids':[0],'tokens':['<s>']}}";
  private static final String A = "{'Sequence':{'id':'A','type_id':0}}";
  private static final String B = "{'Sequence':{'id':'B','type_id':1}}";
  private static final String S = "{'SpecialToken':{'id':'<s>','type_id':0}}";

  private static String template(String single, String pair, String specials) {
    return "{'type':'TemplateProcessing','single':"
        + single
        + ",'pair':"
        + pair
        + ","
        + specials
        + "}";
  }

  private static JsonNode post(String json) {
    return POST.check("post", QuotedJson.of(json));
  }

  private static void refusedPost(String json, String message) {
    assertThatThrownBy(() -> post(json))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("post")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'BertProcessing','sep':['</s>',2],'cls':['<s>',0]}",
        "{'type':'BertProcessing','sep':['unknown',99],'cls':['<s>',0]}",
        "{'type':'RobertaProcessing','sep':['</s>',2],'cls':['<s>',0],'trim_offsets':true,"
            + "'add_prefix_space':false}",
        "{'type':'Sequence','processors':[{'type':'BertProcessing','sep':['</s>',2],"
            + "'cls':['<s>',0]}]}"
      })
  void rightPostProcessorsAreKeptWhole(String json) {
    assertThat(post(json)).isEqualTo(QuotedJson.of(json));
  }

  @Test
  void templatesAreKeptWhole() {
    String json = template("[" + S + "," + A + "]", "[" + S + "," + A + "," + B + "]", SPECIALS);
    assertThat(post(json)).isEqualTo(QuotedJson.of(json));
  }

  @Test
  void whatATemplateDoesNotNeedIsLeftBehind() {
    String json = template("[" + A + "]", "[" + A + "," + B + "]", SPECIALS);
    assertThat(post(json.replace("'ids':[0]", "'ids':[0],'more':7")))
        .isEqualTo(QuotedJson.of(json));
  }

  @Test
  void templatesUseTheirSequencesAndKnownTokens() {
    String pair = "[" + A + "," + B + "]";
    refusedPost(template("[" + S + "]", pair, SPECIALS), "single: expected the sequence A and no");
    refusedPost(template(pair, pair, SPECIALS), "single: expected the sequence A and no other");
    refusedPost(
        template("[" + A + "]", "[" + A + "]", SPECIALS), "pair: expected the sequences A and B");
    refusedPost(
        template("[" + S + "," + A + "]", pair, "'special_tokens':{}"),
        "single[0]: SpecialToken: id: expected one of special_tokens, found \"<s>\"");
    refusedPost(
        template("[" + A + "]", pair, "'special_tokens':[]"),
        "special_tokens: expected an object, found []");
    refusedPost(
        template("[{'Sequence':{'id':'C','type_id':0}}]", pair, SPECIALS),
        "id: expected one of [A, B], found \"C\"");
    refusedPost(
        template("[{'Other':{'type_id':0}}]", pair, SPECIALS), "expected SpecialToken or Sequence");
    refusedPost(
        template("[{'Sequence':{'id':'A','type_id':0},'x':1}]", pair, SPECIALS),
        "single[0]: expected one SpecialToken or Sequence");
    refusedPost(
        template("[{'Sequence':{'id':'A','type_id':-1}}]", pair, SPECIALS), "type_id: expected an");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'ids':[1],'tokens':['<s>']|expected the id 0 of <s>, found 1",
        "'ids':[0,1],'tokens':['<s>']|tokens: expected one for each id",
        "'ids':['0'],'tokens':['<s>']|ids: expected an integer from 0",
        "'ids':[0],'tokens':[0]|tokens: expected a text, found 0",
        "'ids':0,'tokens':['<s>']|ids: expected a list, found 0"
      })
  void specialTokensHaveTheVocabularysIds(String ids, String message) {
    String special = "'special_tokens':{'<s>':{'id':'<s>'," + ids + "}}";
    String json = template("[" + A + "]", "[" + A + "," + B + "]", special);
    refusedPost(json, message);
  }

  @Test
  void bordersAreATokenAndItsId() {
    String right = "{'type':'BertProcessing','sep':['</s>',2],'cls':['<s>',0]}";
    refusedPost(right.replace("2", "3"), "sep: expected the id 2 of </s>, found 3");
    refusedPost(right.replace("['<s>',0]", "['<s>']"), "cls: expected [token, id]");
    refusedPost(right.replace("['<s>',0]", "[0,'<s>']"), "cls: expected a text, found 0");
    refusedPost(right.replace("Bert", "Roberta"), "trim_offsets: expected true or false");
    refusedPost("{'type':'Other'}", "post-processor");
    refusedPost("{}", "type: expected a text, found nothing");
  }

  /** Each level costs native code some of its stack. */
  @Test
  void sequencesAreNotNestedWithoutEnd() {
    String json = "{'type':'BertProcessing','sep':['</s>',2],'cls':['<s>',0]}";
    for (int i = 0; i < 100; i++) {
      json = "{'type':'Sequence','processors':[" + json + "]}";
    }
    String deep = json;
    assertThatThrownBy(() -> post(deep)).isInstanceOf(CheckpointException.class);
  }

  private static String added(String content, int id, boolean normalized) {
    return "{'id':"
        + id
        + ",'content':'"
        + content
        + "','single_word':false,'lstrip':false,"
        + "'rstrip':true,'special':true,'normalized':"
        + normalized
        + "}";
  }

  @Test
  void addedTokensJoinTheVocabulary() {
    AddedTokenRules rules = new AddedTokenRules(TOKENS, NONE);
    String list = "[" + added("<image>", 9, false) + "," + added("</s>", 2, true) + "]";
    assertThat(rules.check(QuotedJson.of(list))).isEqualTo(QuotedJson.of(list));
    assertThat(rules.all().id("<image>")).hasValue(9);
    assertThat(rules.all().id("ab")).hasValue(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Replace','pattern':{'String':'x'},'content':''}|xx|true",
        "{'type':'Replace','pattern':{'String':'x'},'content':''}|xy|false",
        "{'type':'Replace','pattern':{'Regex':'[a-z]+'},'content':' '}|xyz|true",
        "{'type':'Replace','pattern':{'Regex':'[a-z]+'},'content':'$0'}|xyz|false",
        "{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'Replace','pattern':{'String':'q'},'content':''}]}|q|true",
        "{'type':'Lowercase'}|Q|false",
        "{'type':'NFD'}|\u0301|true"
      })
  void anAddedTokenThatNormalizingTakesAwayIsRefused(
      String normalizer, String content, boolean vanishes) {
    AddedTokenRules rules = new AddedTokenRules(TOKENS, QuotedJson.of(normalizer));
    JsonNode list = QuotedJson.of("[" + added(content, 9, true) + "]");
    if (vanishes) {
      assertThatThrownBy(() -> rules.check(list))
          .hasMessage(
              "added_tokens[0]: content: expected a text that normalizing leaves, found "
                  + content);
    } else {
      assertThat(rules.check(list)).hasSize(1);
    }
    AddedTokenRules before = new AddedTokenRules(TOKENS, QuotedJson.of(normalizer));
    assertThat(before.check(QuotedJson.of("[" + added(content, 9, false) + "]")))
        .as("found before normalizing")
        .hasSize(1);
  }

  @Test
  void addedTokensHaveTheVocabularysIds() {
    assertThatThrownBy(
            () ->
                new AddedTokenRules(TOKENS, NONE)
                    .check(QuotedJson.of("[" + added("</s>", 3, false) + "]")))
        .hasMessage("added_tokens[0]: id: expected 2 as in the vocabulary, found 3");
    assertThatThrownBy(() -> new AddedTokenRules(TOKENS, NONE).check(QuotedJson.of("{}")))
        .hasMessage("added_tokens: expected a list of at most 20000, found {}");
  }

  private static JsonNode model(String json) {
    return ModelRules.check(QuotedJson.of(json)).kept();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'vocab':[['a',-1.5]]}|Unigram",
        "{'vocab':{'a':0},'merges':[]}|BPE",
        "{'vocab':{'a':0},'unk_token':'a','continuing_subword_prefix':'##','max_input_chars_per_word':9}|WordPiece",
        "{'vocab':{'a':0},'unk_token':'a'}|WordLevel"
      })
  void filesOfBefore2020DoNotSayTheirType(String json, String type) {
    assertThat(model(json).path("type").asText()).isEqualTo(type);
  }

  @Test
  void mergesAreOfTokensWithOrWithoutAPrefix() {
    String merges = "{'vocab':{'a':0,'##b':1,'ab':2},'continuing_subword_prefix':'##',";
    assertThat(model(merges + "'merges':[['a','##b']]}").path("merges")).hasSize(1);
    assertThat(model(merges + "'merges':['#version: 0.2','a ##b']}").path("merges")).hasSize(2);
    for (String wrong : new String[] {"['a','b']", "['a']", "['a',1]", "'a'", "'a  ##b'", "3"}) {
      assertThatThrownBy(() -> model(merges + "'merges':[" + wrong + "]}"))
          .as(wrong)
          .isInstanceOf(CheckpointException.class)
          .hasMessageStartingWith("model: merges[0]: expected");
    }
  }
}
