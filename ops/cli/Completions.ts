/** `completions`: what a shell has to know to complete this command. */
import { Console } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"

const name = "interlock"

/** `tree`: asked when it is needed, as this command is a part of it. */
export const command = (tree: () => Command.Command.Any) =>
  Command.make("completions", {
    shell: Argument.Literals("shell", ["bash", "zsh", "fish"]).pipe(Argument.withDescription("Which shell"))
  }, ({ shell }) => Console.log(Completions.generate(name, shell, Completions.fromCommand(tree())))).pipe(
    Command.withDescription("Print the completion script of a shell"),
    Command.withExamples([
      { command: "source <(interlock completions bash)", description: "For this bash; put the line into ~/.bashrc for all" },
      { command: "interlock completions zsh > ~/.zfunc/_interlock", description: "For zsh, with ~/.zfunc in $fpath" },
      { command: "interlock completions fish > ~/.config/fish/completions/interlock.fish", description: "For fish" }
    ])
  )
