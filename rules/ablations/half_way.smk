# The model whose weights are half way between the base model's and those of the run's own arm: does what it forgets come back
# before what it learned is lost? (Weights of fine-tuned models are interpolated in Wortsman et al., CVPR 2022.)
rule half_way:
    input:
        base=AT.model("base"),
        tuned=lambda wildcards: WHOLE.model(wildcards.arm),
        examples=lambda wildcards: WHOLE.examples(wildcards.arm),
    output:
        model=directory(f"{OUT.root}/models/{{arm}}"),
        examples=f"{OUT.root}/training/{{arm}}.examples.parquet",
    wildcard_constraints:
        arm=arms_made_by("half_way"),
    run:
        import shutil
        import torch
        from int_bench.models import load_model, load_tokenizer, save_model

        model, tuned = load_model(input.base, exact=True), load_model(input.tuned, exact=True)
        with torch.no_grad():
            for weight, other in zip(model.parameters(), tuned.parameters(), strict=True):
                weight.lerp_(other, 0.5)
        save_model(model, load_tokenizer(input.tuned), output.model)
        shutil.copyfile(input.examples, output.examples)
