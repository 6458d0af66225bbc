// Package program is restore-fleet without its embedded Temporal server.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"example.com/restorejobs"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/list"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 3
)

// Server is a Temporal server in this process.
type Server interface {
	Address() string
	Namespace() string
	Stop() error
}

// Program is what main provides.
type Program struct {
	// Args are the arguments of the command.
	Args []string
	// Stdin is the standard input, for -stdin.
	Stdin io.Reader
	// Stdout gets tables, lines and JSON. Stderr gets notes.
	Stdout io.Writer
	Stderr io.Writer
	// StartServer starts the embedded server.
	StartServer func(ctx context.Context) (Server, error)
	// Demo runs the demonstration against a server.
	Demo func(ctx context.Context, server Server, out io.Writer) error
}

// Run runs the command until its work is done or ctx ends.
func (p *Program) Run(ctx context.Context) error {
	err := p.run(ctx)
	isInterrupted := ctx.Err() != nil && !errors.Is(err, ctx.Err()) // errors of gRPC do not match it
	if err != nil && isInterrupted {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func (p *Program) run(ctx context.Context) error {
	flags, err := readFlags(p.Args, p.Stdout)
	if err != nil {
		return err
	}
	if flags.demo {
		return p.withServer(ctx, func(server Server) error { return p.Demo(ctx, server, p.Stdout) })
	}
	request, err := flags.readList()
	if err != nil {
		return err
	}
	if len(request.Restores) > 0 {
		if err := request.Validate(); err != nil {
			return err
		}
	}
	if err := flags.checkDownloads(&request); err != nil {
		return err
	}
	target, isReal, err := temporalTarget(flags)
	if err != nil {
		return err
	}
	if !isReal && flags.isPartial() {
		return usage("-worker, -start, -pause, -resume and -cancel need -address: the embedded server has one process")
	}
	r := runner{
		Program: p,
		flags:   flags,
		request: request,
	}
	if flags.runsWorker() {
		if r.mongo, err = restorejobs.NewClientFromEnv(); err != nil {
			return err
		}
	}
	if isReal {
		return r.run(ctx, target)
	}
	return p.withServer(ctx, func(server Server) error {
		r.isEmbedded = true
		target.HostPort = server.Address()
		target.Namespace = server.Namespace()
		fmt.Fprintln(p.Stderr, "The embedded Temporal server ends with this process: an interrupted fleet cannot be continued. Use -address for a real one.")
		return r.run(ctx, target)
	})
}

// withServer calls f with an embedded server.
func (p *Program) withServer(ctx context.Context, f func(Server) error) error {
	server, err := p.StartServer(ctx)
	if err != nil {
		return err
	}
	err = f(server)
	if stopErr := server.Stop(); err == nil {
		err = stopErr
	}
	return err
}

// errUsage is matched by errors about how the program was called.
var errUsage = errors.New("bad usage")

func usage(problem string) error { return fmt.Errorf("%w: %s; -h shows the flags", errUsage, problem) }

// errFailed is a fleet with restores that did not succeed. Its table has been printed.
var errFailed = errors.New("not all restores are done")

// ExitCode prints an error and returns the exit code of the program.
func ExitCode(stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	fmt.Fprintln(stderr, err)
	var listErr *list.Error
	isRefused := restoretemporal.FailureType(err) == restoretemporal.FailureInvalidPlan
	isUsage := isRefused || errors.Is(err, errUsage) || errors.Is(err, restorejobs.ErrInvalidArgument) || errors.As(err, &listErr)
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case isUsage:
		return exitUsage
	default:
		return exitFailed
	}
}
