package org.quantado.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page in the system's Chromium; {@code -Dquantado.screenshots=DIR} keeps pictures of it. */
class PageTest {
    private static final List<Path> DRIVERS = List.of(Path.of("/usr/bin/chromedriver"),
            Path.of("/usr/lib/chromium/chromedriver"));
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static ChromeDriver browser;

    @BeforeAll
    static void start() {
        Optional<Path> driver = DRIVERS.stream().filter(Files::isExecutable).findFirst();
        Optional<Path> chromium = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of).filter(Files::isExecutable).findFirst();
        assumeTrue(driver.isPresent() && chromium.isPresent(),
                "the page is not tried: no chromium with its chromedriver (Debian's chromium-driver) is installed");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get().toString());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb");
        LoggingPreferences log = new LoggingPreferences();
        log.enable(LogType.BROWSER, java.util.logging.Level.ALL);
        options.setCapability("goog:loggingPrefs", log);
        browser = new ChromeDriver(
                new ChromeDriverService.Builder().usingDriverExecutable(driver.get().toFile()).build(),
                options);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.quit();
        }
    }

    private static void open(int width, int height, String scheme) {
        browser.manage().window().setSize(new Dimension(width, height));
        browser.executeCdpCommand("Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        browser.manage().logs().get(LogType.BROWSER);
        browser.get(Served.uri(Served.shared(), "/").toString());
        await(() -> browser.findElement(By.id("model")).getText().equals("tales-2m"));
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(browser.findElement(By.tagName("body")).getText()).isLessThan(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void set(String field, String value) {
        browser.executeScript("document.getElementById(arguments[0]).value = arguments[1]", field, value);
    }

    private static boolean isIdle() {
        return !browser.findElement(By.id("stopButton")).isEnabled();
    }

    private static List<WebElement> answers() {
        return browser.findElements(By.cssSelector(".said.assistant .text"));
    }

    private static void ask(String question) {
        browser.switchTo().activeElement().sendKeys(question, Keys.ENTER);
        await(() -> !browser.findElements(By.cssSelector(".said.user")).isEmpty());
    }

    private static void keep(String name) throws Exception {
        String folder = System.getProperty("quantado.screenshots");
        if (folder != null) {
            Files.write(Path.of(folder, name), browser.getScreenshotAs(OutputType.BYTES));
        }
    }

    private static void assertNothingWasRefused() {
        assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).as("what the browser complains of")
                .filteredOn(entry -> !entry.getMessage().contains("favicon")).isEmpty();
    }

    @Test
    void conversationByKeyboardInLightAndDark() throws Exception {
        open(900, 760, "light");
        set("max_tokens", "120");
        ask("Tell a story about a fox.");
        await(() -> !answers().isEmpty() && isIdle());
        assertThat(answers().getFirst().getText()).isNotBlank();
        assertThat(browser.findElement(By.id("rate")).getText()).endsWith("tokens/s");
        String light = browser.findElement(By.tagName("body")).getCssValue("background-color");
        keep("page-light.png");
        browser.executeCdpCommand("Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
        assertThat(browser.findElement(By.tagName("body")).getCssValue("background-color")).isNotEqualTo(light);
        keep("page-dark.png");
        browser.findElement(By.id("theme")).sendKeys(Keys.SPACE);
        assertThat(browser.findElement(By.tagName("body")).getCssValue("background-color")).isEqualTo(light);
        assertNothingWasRefused();
    }

    @Test
    void textIsNeverHtml() {
        open(900, 760, "light");
        set("max_tokens", "4");
        ask("<img src=x onerror=\"document.title='run'\"><b>bold</b>");
        await(() -> !answers().isEmpty() && isIdle());
        assertThat(browser.findElement(By.cssSelector(".said.user .text")).getText()).contains("<b>bold</b>");
        assertThat(browser.findElements(By.cssSelector("main img, main b"))).isEmpty();
        assertThat(browser.getTitle()).isEqualTo("Quantado");
        assertThat(browser
                .executeScript("try { document.body.innerHTML = '<p>'; return 'set'; } catch (e) { return e.name; }"))
                .as("the policy has scripts set no HTML").isEqualTo("TypeError");
    }

    @Test
    void answersCanBeStopped() {
        open(900, 760, "light");
        ask("Tell a long story.");
        await(() -> !answers().isEmpty() && !answers().getFirst().getText().isEmpty());
        browser.switchTo().activeElement().sendKeys(Keys.ESCAPE);
        await(PageTest::isIdle);
        await(() -> Served.shared().scheduler().statistics().busySlots() == 0);
        assertThat(browser.findElements(By.cssSelector(".said.error"))).isEmpty();
    }

    @Test
    void fitsOnAPhone() throws Exception {
        open(500, 800, "light");
        browser.executeCdpCommand("Emulation.setDeviceMetricsOverride",
                Map.of("width", 360, "height", 640, "deviceScaleFactor", 2, "mobile", true));
        try {
            assertThat(browser.executeScript("return document.documentElement.scrollWidth")).isEqualTo(360L);
            WebElement send = browser.findElement(By.id("send"));
            assertThat(send.getRect().getHeight()).as("large enough for a finger").isGreaterThanOrEqualTo(44);
            assertThat(send.getRect().getY() + send.getRect().getHeight()).as("on the screen").isLessThanOrEqualTo(640);
            keep("page-phone.png");
        } finally {
            browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
        }
    }
}
