// Package harness connects an example to the embedded server or to a real deployment. It is the only
// code that the examples share.
package harness

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// Env is the deployment that a program uses.
type Env struct {
	Client *restorejobs.Client
	Source *restorejobs.Source
	// Server is the embedded server, nil for a real deployment.
	Server *restorejobstest.Server
	// Scope is the scope of the source in Server.
	Scope restorejobstest.Scope

	flags     durableFlags
	temporary string // folder to remove; empty if there is none
}

// Open returns the deployment and the source that the flags name. The options are for its client.
func (f *Flags) Open(opts ...restorejobs.Option) (*Env, error) {
	if f.ref == "" {
		return f.openEmbedded(opts)
	}
	credentials, credErr := restorejobs.CredentialsFromEnv()
	if credErr != nil {
		credentials = restorejobs.APIKey("none", "none") // an invalid reference is reported first
	}
	client, err := restorejobs.NewClient(credentials, append([]restorejobs.Option{restorejobs.WithBaseURLFromEnv()}, opts...)...)
	if err != nil {
		return nil, usageError(err)
	}
	source, err := client.Source(f.ref)
	if errors.Is(err, restorejobs.ErrBaseURLRequired) {
		return nil, Usage("set MONGODB_ATLAS_OPS_MANAGER_URL with a MONGODB_ATLAS_ key, or MCLI_OPS_MANAGER_URL with an MCLI_ key: where the Ops Manager is")
	}
	if err = cmp.Or(err, credErr); err != nil {
		return nil, usageError(err)
	}
	return &Env{Client: client, Source: source}, nil
}

// WithCredentials opens the same jobs with other credentials.
func (e *Env) WithCredentials(credentials restorejobs.Credentials) (*restorejobs.Jobs, error) {
	baseURL := restorejobs.WithBaseURLFromEnv()
	if e.Server != nil {
		baseURL = restorejobs.WithBaseURL(e.Server.URL())
	}
	client, err := restorejobs.NewClient(credentials, baseURL)
	if err != nil {
		return nil, err
	}
	source, err := client.Source(e.Source.Ref())
	if err != nil {
		return nil, err
	}
	return source.Jobs, nil
}

// usageError returns an error of the library as bad usage.
func usageError(err error) error {
	return Usage(strings.TrimPrefix(err.Error(), "restorejobs: "))
}

func (f *Flags) openEmbedded(opts []restorejobs.Option) (*Env, error) {
	server := restorejobstest.NewServer(f.Server...)
	client, err := server.Client(opts...)
	if err != nil {
		server.Close()
		return nil, err
	}
	source, err := client.Source(f.scope.Ref())
	if err != nil {
		server.Close()
		return nil, err
	}
	return &Env{
		Client: client,
		Source: source,
		Server: server,
		Scope:  f.scope,
	}, nil
}

// Flag returns the flag with which another program uses the same source.
func (e *Env) Flag() string {
	if e.Server != nil {
		return "-scope " + e.Scope.String()
	}
	return "-ref " + e.Source.Ref()
}

// ResumeCommand returns a hint with the command that continues in another process.
func (e *Env) ResumeCommand(program string, args ...string) string {
	return e.resumeHint(e.command(program, args...))
}

// command returns a shell command that runs a program on the same source.
func (e *Env) command(program string, args ...string) string {
	words := []string{"go run ./examples/" + program, "-ref", e.Source.Ref()}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

func (e *Env) resumeHint(command string) string {
	if e.Server != nil {
		return "the embedded server ends here, but on a real one continue with\n  " + command
	}
	return "continue with\n  " + command
}

// WithResumeHint adds to the error of a wait the command that continues with its pending jobs.
func (e *Env) WithResumeHint(program string, err error) error {
	var waitErr *restorejobs.WaitError
	if !errors.As(err, &waitErr) || len(waitErr.PendingIDs) == 0 || errors.Is(err, restorejobs.ErrNotFound) {
		return err // its text names the jobs that failed or do not exist
	}
	return fmt.Errorf("%w\nthe restore continues; %s", err, e.ResumeCommand(program, waitErr.PendingIDs...))
}

// quote returns a text as one word of a shell.
func quote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// IsTerminal reports whether out is a terminal.
func IsTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Close stops the embedded server, and removes a temporary folder.
func (e *Env) Close() {
	if e.temporary != "" {
		_ = os.RemoveAll(e.temporary)
	}
	if e.Server != nil {
		e.Server.Close()
	}
}
