package org.quantado.schemes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.CheckpointException;

class QuantizationArgsTest {
    private static QuantizationArgs weights(String args) {
        return ConfigTexts.ofWeights(args).groups().getFirst().weights().orElseThrow();
    }

    @Test
    void fillsInWhatIsLeftOut() {
        QuantizationArgs args = weights("");
        assertThat(args)
                .hasToString("QuantizationArgs(num_bits=8, type='int', symmetric=True, group_size=None,"
                        + " strategy='tensor', block_structure=None, dynamic=False, actorder=None, scale_dtype=None,"
                        + " zp_dtype=torch.int8, observer='memoryless_minmax', observer_kwargs={})");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "'group_size':null | TENSOR", "'group_size':64 | GROUP", "'group_size':-1 | CHANNEL",
            "'strategy':'CHANNEL' | CHANNEL", "'strategy':'tensor_group','group_size':16 | TENSOR_GROUP",
            "'strategy':'token','dynamic':true | TOKEN", "'strategy':'attn_head' | ATTN_HEAD",
    })
    void takesTheStrategyFromTheGroupSize(String args, QuantizationStrategy strategy) {
        assertThat(weights(args).strategy()).isEqualTo(strategy);
    }

    @Test
    void readsOtherSpellings() {
        assertThat(weights("'strategy':'block','block_structure':'128x64'").blockStructure())
                .contains(new BlockStructure(128, 64));
        assertThat(weights("'group_size':32,'actorder':true").actorder()).contains(ActivationOrdering.GROUP);
        assertThat(weights("'group_size':32,'actorder':false").actorder()).isEmpty();
        assertThat(weights("'group_size':32,'actorder':'Static'").actorder())
                .contains(ActivationOrdering.WEIGHT);
        assertThat(weights("'type':'FLOAT'").type()).isEqualTo(QuantizationType.FLOAT);
        assertThat(weights("'scale_dtype':'uint8'").scaleDtype()).contains(TorchDType.UINT8);
        assertThat(weights("'dynamic':true,'observer':'minmax'").observer()).isEmpty();
        assertThat(weights("'dynamic':'local','strategy':'tensor_group','group_size':16").observer())
                .isEqualTo(Optional.of("minmax"));
        assertThat(weights("'num_bits':12").zpDtype()).isEqualTo(TorchDType.INT16);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "'group_size':-5 | group_size: found -5 | Invalid group size -5. Use group_size > 0 for strategy='group' and group_size = -1 for 'channel'",
            "'group_size':0 | group_size: found 0 | Invalid group size 0",
            "'group_size':'32' | group_size: found '32' | an integer",
            "'group_size':32.5 | group_size: found 32.5 | an integer",
            "'strategy':'group' | group_size: found nothing | strategy group requires group_size to be set to a positive value",
            "'strategy':'tensor_group','group_size':-1 | group_size: found -1 | strategy tensor_group requires",
            "'strategy':'channel','group_size':32 | strategy: found channel with group_size 32 | group_size requires strategy to be set to 'group'",
            "'strategy':'rows' | strategy: found 'rows' | one of tensor, channel, group, block, token, tensor_group, attn_head",
            "'strategy':'token' | dynamic: found false | Cannot perform static token quantization, please use `dynamic=True`",
            "'strategy':'block' | block_structure: found nothing | Block strategy requires block structure",
            "'block_structure':[128,128] | strategy: found tensor with a block_structure | Block structure requires block strategy",
            "'strategy':'block','block_structure':[128] | block_structure | a list of positive ints",
            "'strategy':'block','block_structure':[0,128] | block_structure | a list of positive ints",
            "'strategy':'block','block_structure':'128' | block_structure | a list of positive ints",
            "'strategy':'block','block_structure':[8,8],'dynamic':true | strategy: found block, dynamic | token, tensor",
            "'actorder':'group' | actorder: found group with strategy tensor | Must use group or tensor_group",
            "'actorder':'sideways' | actorder: found 'sideways' | one of group, weight",
            "'dynamic':'global' | dynamic: found 'global' | true, false or",
            "'dynamic':'local' | dynamic: found local | local is only supported for strategy tensor_group",
            "'dynamic':null | dynamic: found null | true, false or",
            "'type':'complex' | type: found 'complex' | one of int, float",
            "'num_bits':null | num_bits: found null | an integer",
            "'num_bits':99999999999 | num_bits: found 99999999999 | an integer",
            "'num_bits':0 | num_bits: found 0 | at least 1",
            "'type':'float','num_bits':6 | num_bits: found 6 | 4 or 8 for type float",
            "'symmetric':1 | symmetric: found 1 | true or false",
            "'scale_dtype':'torch.uint9' | scale_dtype: found 'torch.uint9' | No such torch dtype `torch.uint9`",
            "'observer_kwargs':[] | observer_kwargs: found an array | an object",
            "'extra':1 | extra: found 1 (Extra inputs are not permitted) | only actorder, block_structure",
    })
    void refusesWhatThePeerRefuses(String args, String found, String expected) {
        assertThatThrownBy(() -> weights(args)).isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("config.json: quantization_config.config_groups.group_0.weights.")
                .hasMessageContaining(found).hasMessageContaining(expected);
    }
}
