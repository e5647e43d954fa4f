package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.report.ExitCode;

/** The launcher in a checkout of its own, whose folder has a blank in its name, with a JDK and a Maven that only tell. */
class LauncherTest {
    private static final Path SCRIPT = Path.of(System.getProperty("quantado.root"), "quantado");
    private static final String SHOW_ARGUMENTS = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";
    /** Says that it was called, and does what the build does. */
    private static final String BUILD = """
            #!/bin/sh
            echo built by "$JAVA_HOME" >> builds
            sleep 0.3
            for module in cli spark; do
                case " $* " in
                    *" -pl $module "*) mkdir -p $module/target/app/lib && touch $module/target/app/.built ;;
                esac
            done
            """;

    @TempDir
    private Path folder;
    private Path checkout;
    private Path jdk;
    private Path tools;

    @BeforeEach
    void makeCheckout() throws IOException {
        assumeThat(Path.of("/bin/bash")).exists();
        checkout = Files.createDirectory(folder.resolve("check out"));
        tools = Files.createDirectory(folder.resolve("tools"));
        Files.copy(SCRIPT, checkout.resolve("quantado"));
        for (String file : List.of("pom.xml", "cli/pom.xml", "cli/src/main/A.java", "tornado-host/api/pom.xml",
                "tornado-host/api/src/main/B.java", "tornado-host/api/C.java")) {
            Files.createDirectories(checkout.resolve(file).getParent());
            Files.createFile(checkout.resolve(file));
        }
        jdk = makeJdk("jdk 25", "25.0.1");
        for (String tool : List.of("bash", "cat", "dirname", "find", "grep", "mkdir", "readlink", "rm", "sed", "sh",
                "sleep", "touch", "tr")) {
            Path found = Path.of("/usr/bin").resolve(tool);
            Files.createSymbolicLink(tools.resolve(tool), Files.exists(found) ? found : Path.of("/bin").resolve(tool));
        }
        writeProgram(tools.resolve("mvn"), BUILD);
    }

    @Test
    void buildsOnceAndStartsTheProgram() throws Exception {
        Launch first = launch("inspect", "a b", "--json");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.err()).contains("quantado: building");
        assertThat(first.out().lines().toList())
                .contains("-cp", checkout + "/cli/target/app/lib/*", "-Dquantado.conf=" + checkout + "/conf")
                .endsWith("org.quantado.cli.Quantado", "inspect", "a b", "--json");
        Launch second = launch("devices");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).containsExactly("built by " + jdk);
    }

    @Test
    void sparkIsBuiltAndStartedForThoseWhoNameAMaster() throws Exception {
        Launch alone = launch("quantize", "in", "out");
        assertThat(alone.out()).doesNotContain("spark");
        assertThat(checkout.resolve("spark")).doesNotExist();
        for (String[] master : new String[][]{{"--master", "local[2]"}, {"--master=local[2]"}}) {
            Launch launch = launch(Stream.concat(Stream.of("quantize", "in", "out"), Stream.of(master))
                    .toArray(String[]::new));
            assertThat(launch.out().lines().toList()).as(launch.err())
                    .contains("-cp", checkout + "/spark/target/app/lib/*", "@" + checkout + "/conf/spark/java-options");
        }
        assertThat(builds()).hasSize(2);
    }

    @Test
    void buildsAnewWhereASourceIsNewer() throws Exception {
        for (String changed : List.of("cli/src/main/A.java", "pom.xml", "tornado-host/api/C.java")) {
            launch();
            int before = builds().size();
            Files.setLastModifiedTime(checkout.resolve(changed), FileTime.from(Instant.now().plusSeconds(1)));
            launch();
            assertThat(builds()).as(changed).hasSize(before + 1);
            Files.setLastModifiedTime(checkout.resolve(changed), FileTime.from(Instant.EPOCH));
        }
        Files.createDirectories(checkout.resolve("conf"));
        Files.writeString(checkout.resolve("conf/tuned.properties"), "a = b");
        int before = builds().size();
        launch();
        assertThat(builds()).hasSize(before);
    }

    @Test
    void onlyOneOfTwoFirstUsesBuilds() throws Exception {
        Process one = start("one");
        Process two = start("two");
        assertThat(one.waitFor()).isZero();
        assertThat(two.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
        assertThat(checkout.resolve("cli/target/.lock")).doesNotExist();
    }

    @Test
    void takesOverTheLockOfAProcessThatIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.createDirectories(checkout.resolve("cli/target"));
        Files.writeString(checkout.resolve("cli/target/.lock"), gone.pid() + "\n");
        assertThat(launch().exitCode()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void failedBuildIsOneSentenceAndALog() throws Exception {
        writeProgram(tools.resolve("mvn"), "#!/bin/sh\necho noise\necho '[ERROR] no route to host'\nexit 1\n");
        Launch launch = launch("demo");
        assertThat(launch.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(launch.err()).contains("[ERROR] no route to host", "Maven Central", "build.log")
                .doesNotContain("noise");
        assertThat(checkout.resolve("cli/target/build.log")).content().contains("noise");
        assertThat(checkout.resolve("cli/target/.lock")).doesNotExist();
    }

    @Test
    void mavenIsMissing() throws Exception {
        Files.delete(tools.resolve("mvn"));
        Launch launch = launch("demo");
        assertThat(launch.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(launch.err()).isEqualTo("quantado: Maven is needed to build Quantado on first use:"
                + " install Maven 3.8 or newer and put mvn on the PATH\n");
    }

    @Test
    void passesOverAJdkThatIsTooOld() throws Exception {
        Path old = makeJdk("jdk 17", "17.0.9");
        Files.createSymbolicLink(tools.resolve("java"), jdk.resolve("bin/java"));
        assertThat(launch(List.of("JAVA_HOME=" + old), "x").exitCode()).isZero();
        assertThat(builds()).containsExactly("built by " + jdk.toRealPath());
    }

    @Test
    void followsASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(tools.resolve("quantado"), checkout.resolve("quantado"));
        Process process = processOf(List.of(), link, "x").start();
        assertThat(process.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void usesAnSdkWhereThereIsOne() throws Exception {
        Path sdk = makeSdk();
        String argumentFile = "@" + sdk + "/tornado-argfile";
        assertThat(launch(List.of("TORNADOVM_HOME=" + sdk), "demo").out().lines().toList())
                .startsWith(argumentFile, "-Dquantado.sdk=" + sdk);
        for (List<String> arguments : List.of(List.of("--engine", "host", "demo"), List.of("demo", "--engine=host"),
                List.of("demo", "--engine", "tornado", "--engine", "HOST"))) {
            assertThat(launch(List.of("TORNADOVM_HOME=" + sdk), arguments.toArray(String[]::new)).out())
                    .doesNotContain("tornado-argfile").contains("-XX:+UseSerialGC");
        }
        assertThat(launch(List.of("TORNADOVM_HOME=" + sdk), "demo", "--", "--engine", "host").out())
                .contains(argumentFile);
    }

    @Test
    void onlyWhatRunsLayersGetsAnEngineForIt() throws Exception {
        Path sdk = makeSdk();
        String vectors = "jdk.incubator.vector";
        assertThat(launch("inspect", "x").out()).doesNotContain(vectors);
        assertThat(launch("quantize", "--time", "x").out()).doesNotContain(vectors);
        assertThat(launch("inspect", "x", "--time").out()).contains(vectors);
        assertThat(launch(List.of("TORNADOVM_HOME=" + sdk), "inspect", "x").out()).doesNotContain("tornado-argfile");
        assertThat(launch(List.of("TORNADOVM_HOME=" + sdk), "inspect", "--time", "x").out())
                .contains("tornado-argfile");
    }

    @Test
    void javaWarnsOfModulesOnlyWhereKernelsRun() throws Exception {
        String vectors = "jdk.incubator.vector";
        for (List<String> arguments : List.of(List.<String>of(), List.of("--help"), List.of("demo", "-h"),
                List.of("-V"), List.of("completion", "bash"), List.of("devices"),
                List.of("devices", "--engine", "host"))) {
            assertThat(launch(arguments.toArray(String[]::new)).out()).as("%s", arguments).doesNotContain(vectors);
        }
        for (String command : List.of("demo", "run", "verify", "bench")) {
            assertThat(launch(command).out()).as(command).contains(vectors);
        }
        assertThat(launch(List.of("TORNADOVM_HOME=" + makeSdk()), "devices").out()).contains("tornado-argfile");
    }

    @Test
    void javaAndTheScriptSeeOneHome() throws Exception {
        Path home = Files.createDirectories(folder.resolve("another home"));
        Path sdk = Files.createDirectories(home.resolve(".sdkman/candidates/tornadovm/current"));
        Files.createFile(sdk.resolve("tornado-argfile"));
        assertThat(launch(List.of("HOME=" + home), "demo").out().lines())
                .contains("@" + sdk + "/tornado-argfile", "-Duser.home=" + home);
        String own = System.getProperty("user.home");
        assertThat(launch(List.of("HOME="), "demo").out().lines()).contains("-Duser.home=" + own);
    }

    @Test
    void runsWhereTheFolderCannotBeWritten() throws Exception {
        launch();
        Files.setLastModifiedTime(checkout.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
        Path target = checkout.resolve("cli/target");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            Path out = folder.resolve("out");
            ProcessBuilder process = processOf(List.of(), checkout.resolve("quantado"), "inspect", "x");
            if (Files.isWritable(target)) {
                Path dropRights = Path.of("/usr/bin/setpriv");
                assumeThat(dropRights).exists();
                process.command().addAll(0,
                        List.of(dropRights.toString(), "--reuid=65534", "--regid=65534", "--clear-groups"));
            }
            assertThat(process.redirectErrorStream(true).redirectOutput(out.toFile()).start().waitFor())
                    .as(Files.readString(out)).isZero();
            assertThat(out).content().contains("org.quantado.cli.Quantado").doesNotContain("quantado:");
            assertThat(builds()).hasSize(1);
        } finally {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void javaThatDoesNotStartIsNoFailedCheck() throws Exception {
        launch();
        writeProgram(jdk.resolve("bin/java"), """
                #!/bin/sh
                for option in "$@"; do
                    if [ "$option" = -Xnone ]; then
                        echo "NOTE: Picked up JDK_JAVA_OPTIONS: -Da=b" >&2
                        echo "Unrecognized option: -Xnone" >&2
                        exit 1
                    fi
                done
                [ "$1" = -version ] || printf '%s\n' "$@"
                """);
        Launch launch = launch(List.of("QUANTADO_JAVA_OPTIONS=-Xnone"), "demo");
        assertThat(launch.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(launch.out()).isEmpty();
        assertThat(launch.err())
                .isEqualTo("quantado: java does not start: Unrecognized option: -Xnone (" + jdk + ")\n");
        assertThat(launch("demo").exitCode()).isZero();
    }

    @Test
    void findsTheSdkInSdkmansPlace() throws Exception {
        Path place = Files.createDirectories(folder.resolve("sdk man/candidates/tornadovm/current"));
        Files.createFile(place.resolve("tornado-argfile"));
        assertThat(launch(List.of("SDKMAN_DIR=" + folder.resolve("sdk man")), "demo").out())
                .startsWith("@" + place + "/tornado-argfile");
    }

    @Test
    void sdkIsMissing() throws Exception {
        Launch launch = launch("demo", "--engine", "tornado");
        assertThat(launch.exitCode()).isEqualTo(ExitCode.NO_DEVICE);
        assertThat(launch.err()).contains("no TornadoVM SDK was found at", "TORNADOVM_HOME");
        Launch wrong = launch(List.of("TORNADOVM_HOME=/none"), "demo");
        assertThat(wrong.exitCode()).isZero();
        assertThat(wrong.err()).isEqualTo("quantado: TORNADOVM_HOME=/none has no tornado-argfile,"
                + " so the host engine is used\n");
    }

    @Test
    void passesOptionsToJava() throws Exception {
        assertThat(launch(List.of("QUANTADO_JAVA_OPTIONS=-Xmx3g -Da=b"), "demo").out().lines())
                .containsSubsequence("-Xmx3g", "-Da=b", "-cp", "org.quantado.cli.Quantado", "demo");
    }

    private record Launch(int exitCode, String out, String err) {
    }

    private Launch launch(String... arguments) throws Exception {
        return launch(List.of(), arguments);
    }

    private Launch launch(List<String> variables, String... arguments) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = processOf(variables, checkout.resolve("quantado"), arguments)
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int exitCode = process.waitFor();
        return new Launch(exitCode, Files.readString(out), Files.readString(err));
    }

    private Process start(String... arguments) throws IOException {
        return processOf(List.of(), checkout.resolve("quantado"), arguments).start();
    }

    private ProcessBuilder processOf(List<String> variables, Path script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/bash", script.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile());
        process.environment().clear();
        process.environment().put("PATH", tools.toString());
        process.environment().put("HOME", folder.toString());
        process.environment().put("JAVA_HOME", jdk.toString());
        variables.forEach(variable -> process.environment().put(variable.substring(0, variable.indexOf('=')),
                variable.substring(variable.indexOf('=') + 1)));
        return process;
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(checkout.resolve("builds"), StandardCharsets.UTF_8);
    }

    private Path makeJdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        writeProgram(home.resolve("bin/javac"), SHOW_ARGUMENTS);
        writeProgram(home.resolve("bin/java"), SHOW_ARGUMENTS);
        return home;
    }

    private Path makeSdk() throws IOException {
        Path sdk = Files.createDirectories(folder.resolve("tornado vm"));
        Files.createFile(sdk.resolve("tornado-argfile"));
        return sdk;
    }

    private static void writeProgram(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
