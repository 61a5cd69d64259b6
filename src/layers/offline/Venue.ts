/** `venue fake` and `venue add`: each loads only what it needs. */
export const run = (args: ReadonlyArray<string>): void => {
  const command = args[0] === "add" ? import("#src/layers/offline/VenueAdd.ts") : import("#src/layers/offline/VenueFake.ts")
  void command.then(({ run }) => run(args))
}
