// Package workers runs workers as processes of their own, which can be killed.
package workers

import (
	"context"
	"errors"
	"io"
	"os/exec"
)

// Command is how worker processes are started.
type Command struct {
	// Path is the program, and Args are its arguments without those of the worker.
	Path string
	Args []string
	// Env is its environment.
	Env []string
	// Output, if not nil, gets what it prints.
	Output io.Writer
}

// Worker is a worker process.
type Worker struct {
	// Identity is its name in Temporal.
	Identity string

	process *exec.Cmd
	stdin   io.Closer
	ended   chan struct{}
	err     error // of the process, once it has ended
}

// Start starts a worker with this identity. It ends with this process, or when ctx ends.
func (c *Command) Start(ctx context.Context, identity string) (*Worker, error) {
	args := append([]string{}, c.Args...)
	args = append(args, "-worker", "-stdin", "-identity", identity)
	process := exec.CommandContext(ctx, c.Path, args...)
	process.Env = c.Env
	process.Stdout = c.Output
	process.Stderr = c.Output
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	w := &Worker{
		Identity: identity,
		process:  process,
		stdin:    stdin,
		ended:    make(chan struct{}),
	}
	go func() {
		w.err = process.Wait()
		close(w.ended)
	}()
	return w, nil
}

// PID is the id of the process.
func (w *Worker) PID() int { return w.process.Process.Pid }

// Kill kills the process, as SIGKILL does, and waits for its end. A process that had ended before is
// an error.
func (w *Worker) Kill() error {
	if err := w.process.Process.Kill(); err != nil {
		return err
	}
	<-w.ended
	if w.err == nil {
		return errors.New("the worker had ended before")
	}
	return nil
}

// Stop lets the worker end what it does, and waits for its end.
func (w *Worker) Stop() {
	_ = w.stdin.Close()
	<-w.ended
}
