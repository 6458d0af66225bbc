// Restore-fleet restores many clusters on Temporal: it is the worker, the starter and the progress.
//
//	go run ./temporal/cmd/restore-fleet -demo
//	restore-fleet -dir /backups fleet.yaml
//	restore-fleet -address HOST:7233 fleet.yaml
//
// Without -address it starts a Temporal server in its own process, whose histories end with it.
//
// Exit codes: 0 all restores are done, 1 some are not, 2 bad usage, a wrong list or a fleet that
// was refused, 3 interrupted. With -demo it is 0 if everything happened that it shows: one restore fails,
// all others are done.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/restorejobs/temporal/cmd/internal/demo"
	"example.com/restorejobs/temporal/cmd/internal/program"
	"example.com/restorejobs/temporal/devserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the program
	}()
	p := program.Program{
		Args:        os.Args[1:],
		Stdin:       os.Stdin,
		Stdout:      os.Stdout,
		Stderr:      os.Stderr,
		StartServer: startServer,
		Demo:        demo.Run,
	}
	os.Exit(program.ExitCode(os.Stderr, p.Run(ctx)))
}

func startServer(ctx context.Context) (program.Server, error) {
	server, err := devserver.Start(ctx)
	if err != nil {
		return nil, err
	}
	return server, nil
}
